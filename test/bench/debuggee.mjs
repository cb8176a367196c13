/** Runs a workload under any launcher, such as a debugger's: arguments are its name and the port of the bench, which stands in for the IPC channel. */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';

const [workload, port] = process.argv.slice(2);
const socket = connect(Number(port), '127.0.0.1');
socket.on('close', () => process.exit());
process.send = (message) => socket.write(`${JSON.stringify(message)}\n`);
await import(`./workloads/${workload}.mjs`);
createInterface({ input: socket }).on('line', (line) => process.emit('message', JSON.parse(line)));
