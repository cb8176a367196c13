// an error far down, awaited by everybody but the outermost caller
interface Row {
  id: number;
}

async function query(id: number): Promise<Row> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  if (id > 1) throw new RangeError('no such row'); // expect: unhandled-rejection
  return { id };
}

class Shop {
  async load(id: number): Promise<Row> {
    return await query(id);
  }
}

const shop = new Shop();
setTimeout(() => void shop.load(2), 5);
setTimeout(() => {}, 5000);
