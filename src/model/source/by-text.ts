/** Remembers what was read from source texts: rules ask again with every state of the program. */

const MAX_TEXTS = 50;

/** `read`, called once for each text. */
export function byText<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    if (!known.has(text)) {
      if (known.size >= MAX_TEXTS) known.clear();
      known.set(text, read(text));
    }
    return known.get(text) as T;
  };
}
