// What opens a connection, and no more: a program that has to be quick loads the rest while virsh and libvirtd answer.
export { connect } from './connect.js';
export { defaultUri } from './default-uri.js';
