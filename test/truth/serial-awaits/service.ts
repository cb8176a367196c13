// a service in TypeScript whose methods load one thing after the other
interface Row {
  id: number;
}

class Store {
  async findOrders(shop: number): Promise<Row[]> {
    return await new Promise((resolve) => setTimeout(resolve, 220, [{ id: shop }]));
  }

  async countVisits(shop: number): Promise<number> {
    return await new Promise((resolve) => setTimeout(resolve, 200, shop * 10));
  }
}

class Dashboard {
  readonly store = new Store();

  async today(shop: number): Promise<string> {
    const orders: Row[] = await this.store.findOrders(shop); // expect: serial-awaits
    const first = orders[0]?.id;
    const visits = await this.store.countVisits(shop);
    const { length } = await this.store.findOrders(shop + 1);
    return `${first} ${visits} ${length}`;
  }
}

const dashboard = new Dashboard();
for (let shop = 1; shop <= 6; shop++) console.log(await dashboard.today(shop));
