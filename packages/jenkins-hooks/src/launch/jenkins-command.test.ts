import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readJenkinsCommand } from './jenkins-command.js';

test('the command of SSH Build Agents names the Java, and the jar in its work dir', () => {
  const text =
    'cd "/var/lib/jenkins" && java -Xmx1g -jar remoting.jar -workDir /var/lib/jenkins -jar-cache /var/lib/jenkins/remoting/jarCache';
  expect(readJenkinsCommand(text)).toEqual({ java: 'java', jar: '/var/lib/jenkins/remoting.jar' });
});

test.each([
  ['cd "/a b" && "/opt/my jdk/bin/java"  -jar remoting.jar', '/opt/my jdk/bin/java', '/a b/remoting.jar'],
  ["cd '/a' && exec java -Dx=1 -jar '/b/agent.jar' -workDir /a", 'java', '/b/agent.jar'],
  ['java -jar /b/agent.jar', 'java', '/b/agent.jar'],
])('%s is understood', (text, java, jar) => {
  expect(readJenkinsCommand(text)).toEqual({ java, jar });
});

test.each(['true', 'java -version', 'java -jar agent.jar', 'echo java; ls', ''])(
  '%j runs as it is: no jar is looked for',
  (text) => {
    expect(readJenkinsCommand(text)).toBeUndefined();
  },
);

test('whatever work dir and options Jenkins has, the jar is the one in that dir', () => {
  const path = fc.stringMatching(/^(\/[A-Za-z0-9._ -]*[A-Za-z0-9])+$/);
  const options = fc.array(fc.stringMatching(/^-[DXa-z][A-Za-z0-9:=./]*$/).filter((option) => option !== '-jar'));
  fc.assert(
    fc.property(path, options, (folder, javaOptions) => {
      const text = `cd "${folder}" && java ${javaOptions.join(' ')} -jar remoting.jar -workDir ${folder} -jar-cache ${folder}/x`;
      expect(readJenkinsCommand(text)).toEqual({ java: 'java', jar: `${folder}/remoting.jar` });
    }),
  );
});
