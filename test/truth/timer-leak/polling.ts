// a component that polls, mounted again and again and never unmounted
class Weather {
  #timer: NodeJS.Timeout | undefined;

  mount(): void {
    this.#timer = setInterval(() => this.refresh(), 10_000); // expect: timer-leak
  }

  unmount(): void {
    clearInterval(this.#timer);
  }

  refresh(): void {}
}

async function show(): Promise<void> {
  const weather = new Weather();
  weather.mount();
  await new Promise((resolve) => setTimeout(resolve, 1));
}

for (let i = 0; i < 60; i++) await show();
process.exit(0);
