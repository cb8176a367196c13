/** What the tools compile, check, bundle and test. */
export interface Person {
  name: string;
  age: number;
}

export async function greet(people: readonly Person[]): Promise<string[]> {
  const lines = await Promise.all(people.map(async ({ name, age }) => `${name} (${age})`));
  return lines.toSorted();
}
