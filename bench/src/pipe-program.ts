// The hook's way through SSH without a clone: pipe-program HOST PORT USER KEY HOST_KEY COMMAND. For a server that is no guest.
import { connect } from '@katavm/ssh-agent-runner';

const [host = '', port, user = '', privateKeyPath = '', hostKey = '', command = ''] = process.argv.slice(2);
const session = await connect({ address: { host, port: Number(port) }, user, privateKeyPath, hostKey });
const { stdin, stdout, stderr } = process;
const descriptors = { stdin: 0, stdout: 1, alreadyRead: new Uint8Array() };
const running = await session.pipe(command, { stdin, stdout, stderr, descriptors });
process.exitCode = (await running.ended).exitCode;
session.close();
