import { approvalHash } from './approval-hash.js';
import { type NodeDefinition, retention } from './node-definition.js';

/** One field of Jenkins' form for a node, and what to put into it. */
export interface FormField {
  readonly field: string;
  readonly value: string;
}

/** Every field that differs from a new permanent agent's, in the form's order. */
export function toFormFields({ name, labels, remoteFs, launcher }: NodeDefinition): FormField[] {
  const fields: [string, string][] = [
    ['Node name', name],
    ['Number of executors', '1'],
    ['Remote root directory', remoteFs],
    ['Labels', labels.join(' ')],
    ['Usage', 'Only build jobs with label expressions matching this node'],
  ];
  if (launcher.kind === 'command') {
    fields.push(
      ['Launch method', 'Launch agent via execution of command on the controller'],
      ['Launch command', launcher.command],
    );
  } else {
    fields.push(
      ['Launch method', 'Launch agents via SSH'],
      ['Host', launcher.host],
      ['Credentials', launcher.credentialsId],
      ['Host Key Verification Strategy', 'Known hosts file Verification Strategy'],
      ['Port (Advanced)', String(launcher.port)],
      ['Prefix Start Agent Command (Advanced)', launcher.prefix],
      ['Suffix Start Agent Command (Advanced)', launcher.suffix],
    );
  }
  fields.push(
    ['Availability', 'Bring this agent online when in demand, and take offline when idle'],
    ['In demand delay', String(retention.inDemandDelay)],
    ['Idle delay', String(retention.idleDelay)],
  );
  if (launcher.kind === 'command') fields.push(['Script approval (once)', approvalHash(launcher.command)]);
  return fields.map(([field, value]) => ({ field, value }));
}
