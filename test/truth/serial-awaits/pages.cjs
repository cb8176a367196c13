// a loop over pages, each of which says whether there is another one
const sleep = (ms, value) => new Promise((resolve) => setTimeout(resolve, ms, value));
const fetchPage = (cursor) => sleep(80, { rows: [cursor], next: cursor + 1 });

async function all(count) {
  const rows = [];
  let cursor = 0;
  for (let page = 0; page < count; page++) {
    const found = await fetchPage(cursor);
    rows.push(...found.rows);
    cursor = found.next;
  }
  return rows;
}

all(15).then(console.log);
