// a chain of then in TypeScript that never leaves the queue of promises
interface Job {
  untilMs: number;
  rounds: number;
}

function step(job: Job): Promise<Job> | Job {
  job.rounds++;
  if (Date.now() >= job.untilMs) return job;
  return Promise.resolve(job).then(step); // expect: microtask-starvation
}

setTimeout(() => void step({ untilMs: Date.now() + 600, rounds: 0 }), 700);
