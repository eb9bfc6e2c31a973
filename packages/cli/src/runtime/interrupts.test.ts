import type { PipedCommand } from '@katavm/lifecycle';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Interrupts } from './interrupts.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

type SignalName = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Interrupts whose signals come from the test, not from the system. */
function listening() {
  const handlers = new Map<string | symbol, (name: SignalName) => void>();
  vi.spyOn(process, 'on').mockImplementation((name, handler) => {
    handlers.set(name, handler as (name: SignalName) => void);
    return process;
  });
  const exits: unknown[] = [];
  vi.spyOn(process, 'exit').mockImplementation((code) => exits.push(code) as never);
  const interrupts = new Interrupts();
  interrupts.listen();
  return { interrupts, exits, receive: (name: SignalName) => handlers.get(name)?.(name) };
}

function guestCommand() {
  const received: string[] = [];
  let end = () => {};
  const ended = new Promise<{ exitCode: number; signal: undefined }>((resolve) => {
    end = () => resolve({ exitCode: 0, signal: undefined });
  });
  onTestFinished(() => end());
  const command: PipedCommand = { ended, sendSignal: (name) => received.push(name) };
  return { command, received, end: () => end() };
}

describe('a signal while no command runs', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s unwinds everything, and the program ends with %i', (name, exitCode) => {
    const { interrupts, exits, receive } = listening();
    receive(name);
    expect(interrupts.signal.reason).toMatchObject({ code: 'KATAVM_INTERRUPTED', exitCode });
    expect(exits).toEqual([]);
  });

  test('ends the program at once when it comes again', () => {
    const { exits, receive } = listening();
    receive('SIGINT');
    receive('SIGTERM');
    expect(exits).toEqual([143]);
  });
});

describe('a signal while a command runs in the guest', () => {
  test("is the command's, and unwinds nothing where the command ends by itself", async () => {
    const { interrupts, receive } = listening();
    const { command, received, end } = guestCommand();
    interrupts.forwardTo(command);
    receive('SIGINT');
    expect(received).toEqual(['INT']);
    end();
    await command.ended;
    vi.advanceTimersByTime(60_000);
    expect(interrupts.signal.aborted).toBe(false);
  });

  test('unwinds when the command takes no notice of it for 10 s', () => {
    const { interrupts, receive } = listening();
    interrupts.forwardTo(guestCommand().command);
    receive('SIGTERM');
    vi.advanceTimersByTime(9999);
    expect(interrupts.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(interrupts.signal.reason).toMatchObject({ exitCode: 143 });
  });

  test('unwinds at the second, and ends the program at the third', () => {
    const { interrupts, exits, receive } = listening();
    const { command, received } = guestCommand();
    interrupts.forwardTo(command);
    for (let time = 0; time < 2; time++) receive('SIGINT');
    expect(received).toEqual(['INT']);
    expect(interrupts.signal.aborted).toBe(true);
    expect(exits).toEqual([]);
    receive('SIGINT');
    expect(exits).toEqual([130]);
  });

  test('unwinds where the command has ended before', async () => {
    const { interrupts, receive } = listening();
    const { command, received, end } = guestCommand();
    interrupts.forwardTo(command);
    end();
    await command.ended;
    receive('SIGINT');
    expect(received).toEqual([]);
    expect(interrupts.signal.aborted).toBe(true);
  });
});
