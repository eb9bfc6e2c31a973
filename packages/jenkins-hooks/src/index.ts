export { type LaunchRecord, listLaunches } from './takeover/launch-records.js';
export { hooksVersion } from './version.js';
