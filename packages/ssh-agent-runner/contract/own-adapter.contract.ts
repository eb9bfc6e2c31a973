import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { sshContract } from '../src/contract/index.js';
import { adapter } from '../src/index.js';
import { startServer, type TestServer } from './sshd.js';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server?.stop());

const world = () => ({ input: server.input, strangerKeyPath: join(server.folder, 'stranger'), folder: server.home });
sshContract(adapter, world, { describe, it });
