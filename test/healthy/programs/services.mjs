/** graphql-yoga with a subscription, a gRPC service with a stream, and an MQTT broker with clients. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import grpc from '@grpc/grpc-js';
import { Aedes } from 'aedes';
import { createSchema, createYoga } from 'graphql-yoga';
import mqtt from 'mqtt';

const typeDefs = 'type Query { hello: String, list: [Int] } type Subscription { count: Int }';
async function* counting() {
  for (let count = 0; count < 3; count++) {
    await sleep(2);
    yield { count };
  }
}
const resolvers = {
  Query: { hello: () => 'hello', list: async () => [1, 2, 3] },
  Subscription: { count: { subscribe: counting } },
};
const yoga = createServer(createYoga({ schema: createSchema({ typeDefs, resolvers }), logging: false }));
yoga.listen(0, '127.0.0.1');
await once(yoga, 'listening');
const url = `http://127.0.0.1:${yoga.address().port}/graphql?query=`;
console.log(await (await fetch(`${url}{hello,list}`)).text());
const events = await fetch(`${url}subscription{count}`, { headers: { accept: 'text/event-stream' } });
console.log((await events.text()).match(/data: \{.*/g).length);
yoga.closeAllConnections();
yoga.close();

const text = { serialize: (value) => Buffer.from(value), deserialize: String };
const types = {
  requestSerialize: text.serialize,
  requestDeserialize: text.deserialize,
  responseSerialize: text.serialize,
  responseDeserialize: text.deserialize,
};
const service = {
  say: { path: '/Echo/Say', requestStream: false, responseStream: false, ...types },
  many: { path: '/Echo/Many', requestStream: false, responseStream: true, ...types },
};
const server = new grpc.Server();
server.addService(service, {
  say: ({ request }, answer) => setTimeout(answer, 2, null, `you said ${request}`),
  many: (call) => {
    for (let i = 0; i < 3; i++) call.write(`${call.request} ${i}`);
    call.end();
  },
});
const bind = (resolve, reject) =>
  server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) =>
    error ? reject(error) : resolve(port),
  );
const port = await new Promise(bind);
const Client = grpc.makeGenericClientConstructor(service, 'Echo');
const client = new Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
console.log(await new Promise((resolve) => client.say('hi', (_error, answer) => resolve(answer))));
for await (const message of client.many('line')) console.log(message);
client.close();
await new Promise((resolve) => server.tryShutdown(resolve));

const broker = await Aedes.createBroker();
const tcp = createTcpServer(broker.handle);
tcp.listen(0, '127.0.0.1');
await once(tcp, 'listening');
const listener = await mqtt.connectAsync({ host: '127.0.0.1', port: tcp.address().port });
await listener.subscribeAsync('news/#');
const received = once(listener, 'message');
const sender = await mqtt.connectAsync({ host: '127.0.0.1', port: tcp.address().port });
await sender.publishAsync('news/today', 'sun', { qos: 1 });
console.log(String((await received)[1]));
await Promise.all([listener.endAsync(), sender.endAsync()]);
await new Promise((resolve) => broker.close(resolve));
tcp.close();
