/** Areas of the API, in the order of the document. A route names one of them in `tags`. */
export const TAGS = [
  {
    name: 'settings',
    description: 'What this server accepts: limits, model versions, when to fit asynchronously.',
  },
  {
    name: 'uploads',
    description:
      'Tables travel as files: a prepare call answers signed URLs, and a `PUT` to each delivers the bytes. ' +
      'CSV with a header row, or Parquet.',
  },
  {
    name: 'fits',
    description: 'A fit learns from an uploaded training set and is kept under `fitted_train_set_id`.',
  },
  {
    name: 'predictions',
    description: 'Answers of a fitted model for the rows of an uploaded test set.',
  },
  {
    name: 'studio',
    description:
      'Projects with their priors, models and evals, in versions that never change. Answered with `/api` in front as well, ' +
      'and to `Authorization: Token <token>` too.',
  },
  {
    name: 'runners',
    description:
      'What another machine calls that trains for the server, with a token of `/runners`. Answered with `/api` in front as ' +
      'well, and to `Authorization: Token <token>` too.',
  },
  { name: 'usage', description: 'What was charged, what is left, and what a request would cost.' },
  { name: 'account', description: 'Registration, login, tokens and what clients ask at their start.' },
  { name: 'admin', description: 'Accounts and their tokens, for administrators.' },
  { name: 'data', description: 'What an account keeps on this server: see it, download it, delete it.' },
  {
    name: 'legacy',
    description: 'Fit and predict with multipart uploads, as older programs do. Deprecated.',
  },
  {
    name: 'containers',
    description: 'One stateless call that carries all rows, as model hosting platforms expect it.',
  },
  { name: 'server', description: 'Whether the server is there and well, and what it offers.' },
] as const

/** Name of an area. */
export type Tag = (typeof TAGS)[number]['name']
