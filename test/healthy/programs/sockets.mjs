/** ws and socket.io: clients that connect, talk, are told of rooms, and go. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import WebSocket, { WebSocketServer } from 'ws';

const wss = new WebSocketServer({ port: 0, host: '127.0.0.1' });
await once(wss, 'listening');
wss.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${data}`)));
const sockets = Array.from({ length: 20 }, () => new WebSocket(`ws://127.0.0.1:${wss.address().port}`));
await Promise.all(sockets.map((socket) => once(socket, 'open')));
for (const [i, socket] of sockets.entries()) socket.send(String(i));
const echoes = await Promise.all(sockets.map((socket) => once(socket, 'message')));
console.log(echoes.map(([data]) => String(data)).join());
for (const socket of sockets) socket.close();
await Promise.all(sockets.map((socket) => once(socket, 'close')));
wss.close();

const http = createServer();
const server = new Server(http);
server.on('connection', (socket) => {
  socket.join('room');
  socket.on('add', (a, b, reply) => reply(a + b));
});
http.listen(0, '127.0.0.1');
await once(http, 'listening');
const clients = Array.from({ length: 3 }, () => io(`http://127.0.0.1:${http.address().port}`));
await Promise.all(clients.map((client) => new Promise((resolve) => client.once('connect', resolve))));
console.log(await Promise.all(clients.map((client, i) => client.emitWithAck('add', i, 1))));
const news = clients.map((client) => new Promise((resolve) => client.once('news', resolve)));
server.to('room').emit('news', 'hello');
console.log(await Promise.all(news));
for (const client of clients) client.close();
await server.close();
