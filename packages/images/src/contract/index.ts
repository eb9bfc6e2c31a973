export { imagesContract, type TestFunctions } from './images-contract.js';
