// a chain of then in TypeScript that never leaves the queue of promises
interface Job {
  until: number;
  rounds: number;
}

function step(job: Job): Promise<Job> | Job {
  job.rounds++;
  if (process.cpuUsage().user >= job.until) return job;
  return Promise.resolve(job).then(step); // expect: microtask-starvation
}

setTimeout(() => void step({ until: process.cpuUsage().user + 400_000, rounds: 0 }), 700);
