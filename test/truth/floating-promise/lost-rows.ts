// A query that is made and whose rows nobody looks at
interface Row {
  id: number;
}

async function query(sql: string): Promise<Row[]> {
  const rows = await new Promise<Row[]>((resolve) => setTimeout(() => resolve([{ id: sql.length }]), 5));
  return rows.filter(({ id }) => id > 0);
}

const settle = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function refresh(): Promise<number> {
  query('select id from books'); // expect: floating-promise
  await settle(20);
  const rows = await query('select id from shops');
  return rows.length;
}

setTimeout(() => void refresh(), 10);
