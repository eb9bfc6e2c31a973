import { isKatavmError, messageOf } from '@katavm/core';
import type { FetchAnswer } from '../jar/controller-jar.js';
import { fetchJar } from '../jar/fetch-jar.js';

// fetch-agent-jar URL FOLDER: a part of the start hook (see controller-jar.ts). Its answer is JSON on stdout.
const [url = '', folder = ''] = process.argv.slice(2);
const answer: FetchAnswer = await fetchJar(url, folder).catch((error: unknown) => ({
  error: isKatavmError(error)
    ? { code: error.code, message: error.message, hint: error.hint }
    : { code: 'KATAVM_AGENT_JAR_UNAVAILABLE', message: `could not fetch agent.jar: ${messageOf(error)}`, hint: undefined },
}));
process.stdout.write(JSON.stringify(answer));
