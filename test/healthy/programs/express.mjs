/** An express server with sessions, uploads and an error handler, tested by supertest. */
import express from 'express';
import session from 'express-session';
import multer from 'multer';
import request from 'supertest';

const app = express();
app.use(session({ secret: 'secret', resave: false, saveUninitialized: true, store: new session.MemoryStore() }));
app.use(express.json());
app.get('/visits', (req, res) => {
  req.session.visits = (req.session.visits ?? 0) + 1;
  res.json({ visits: req.session.visits });
});
app.post('/upload', multer({ storage: multer.memoryStorage() }).single('file'), (req, res) => {
  res.json({ name: req.file.originalname, size: req.file.size });
});
app.post('/later', async (req, res) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  res.send(Object.keys(req.body));
});
app.get('/fail', async () => {
  throw new Error('meant');
});
app.use((error, _req, res, _next) => {
  res.status(500).send(error.message);
});
const agent = request.agent(app);
console.log((await agent.get('/visits')).body, (await agent.get('/visits')).body);
console.log((await agent.post('/upload').attach('file', Buffer.alloc(100_000), 'a.bin')).body);
console.log((await agent.post('/later').send({ a: 1 })).body, (await agent.get('/fail')).text);
