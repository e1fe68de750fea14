export { Random, type RandomState } from './random/random.ts'
