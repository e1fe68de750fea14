import { type ErrorEntry, invalidData } from './entry.ts'

const conflict = (message: string, meaning: string): ErrorEntry => ({
  status: 409,
  family: 'error.conflict',
  message,
  retryable: false,
  meaning,
})

/** Errors of projects and what they hold, and of the Predict API. */
export const STUDIO_ERRORS = {
  FEATURE_COUNT_MISMATCH: {
    status: 400,
    family: 'error.bad_request',
    message: 'Model expects {expected} features per row but got {received}.',
    retryable: false,
    meaning:
      'A row of `context.x` or `query.x` has another width than the model, or, when the model takes any width, than the ' +
      'first row of the context. Forms read the number that is expected out of this text.',
  },
  LENGTH_MISMATCH: {
    status: 400,
    family: 'error.bad_request',
    message: '{first} and {second} have different lengths',
    retryable: false,
    meaning: 'The context has more or fewer targets than rows.',
  },
  RUN_NOT_COMPLETED: {
    status: 409,
    family: 'error.conflict',
    message: 'Run is not in completed state',
    retryable: false,
    meaning:
      'A run is asked for a prediction or shared while it waits or trains, or after it failed, was cancelled or skipped. Wait ' +
      'until its status is `completed`.',
  },
  DISCOVERY_NOT_HERE: {
    status: 400,
    family: 'error.bad_request',
    message:
      'Causal discovery is not part of this API, which answers rows. Use the advanced view of a discovery run: {view}',
    retryable: false,
    meaning:
      'The body asks for a causal graph (`X` without targets, or the task `discovery`), or the run is a discovery brain.',
  },
  SHARE_NOT_FOUND: {
    status: 404,
    family: 'error.not_found',
    message: 'This link does not work.',
    retryable: false,
    meaning:
      'The token of a share link is unknown, or the link was revoked, has expired, has given all the answers that it was made ' +
      'for, or is of a run that is gone. The answer is the same for all of them.',
  },
  SHARE_PAUSED: {
    status: 429,
    family: 'rate.limit.exceeded',
    message: 'This link has been used as much as is allowed for now. Try again later.',
    retryable: true,
    meaning:
      'A share link, or a network address that uses such links, is asked more often than the operator of the server allows, or ' +
      'the account that made the link has used up what it may. `Retry-After`, where it is there, says when to try again.',
  },
  ROLE_TOO_LOW: {
    status: 403,
    family: 'auth.forbidden',
    message: 'This needs the role {needed} in the project; yours is {role}. Ask an owner of the project.',
    retryable: false,
    meaning:
      'A viewer of a project may see and export it, an editor may also change what is in it, an owner may also delete it ' +
      'and decide about its members.',
  },
  PROJECT_SLUG_TAKEN: conflict(
    'Slugs are unique: you have another project with the slug "{slug}". Choose another one.',
    'The slugs of the projects that an account has made differ; `_` and `-` count as the same.',
  ),
  ARTEFACT_EXISTS: conflict(
    'Versions are unique and never change: {what} {version} exists with other content. Raise the version.',
    'A prior, model or eval is sent under a version that exists, and differs from what is stored under it. The same content ' +
      'again is answered as the first time.',
  ),
  VERSION_NOT_HIGHER: conflict(
    'A new version must be higher than the latest: {what} is at {latest}, and {version} came.',
    'A prior, model or eval is sent under a version below the latest one that is not stored.',
  ),
  ARTEFACT_SLUG_TAKEN: conflict(
    'Slugs are unique: the project has {what} already. Choose another slug.',
    'A fork needs a slug of its own in its project; `_` and `-` count as the same.',
  ),
  RUN_SLUG_TAKEN: conflict(
    'Slugs are unique: the project has another run with the slug "{slug}". Choose another one, or leave it out.',
    'The slugs of the runs of a project differ; `_` and `-` count as the same.',
  ),
  RUN_NOT_DRAFT: conflict(
    'This run is {status}; only a draft can be submitted.',
    'A run that was submitted before is submitted. Nothing changes; duplicate it to train again.',
  ),
  RUN_NOT_WAITING: conflict(
    'This run is {status}; only a draft, or a run that waits, can be moved.',
    'A run is to train elsewhere while it trains, or after it has ended. Nothing changes. A run that its runner hands back, or is silent about for 90 seconds, waits again.',
  ),
  RUN_OVER: conflict(
    'This run is {status}; only a draft, or a run that waits or trains, can be cancelled.',
    'A run that has ended is cancelled. Nothing changes.',
  ),
  RUNNER_NAME_TAKEN: conflict(
    'Names are unique: you have another runner called "{name}". Choose another name.',
    'The runners of an account have different names, so that a run can ask for one of them.',
  ),
  CLAIM_LOST: conflict(
    'This runner does not have run {run}: {reason} Drop the work on it and ask for the next job.',
    'A runner says something about a run that it never had, was silent for too long about, or has ended. Nothing changes.',
  ),
  CHECKPOINT_INVALID: invalidData(
    'The checkpoint cannot be the brain of run {run}: {reason}',
    'What a runner uploads is not a tar.gz of manifest.json and model.safetensors, is damaged or too large, holds links or ' +
      'paths that lead out of it, is of another architecture or prior than the run, or has weights that are not finite. ' +
      'Nothing of it is kept.',
  ),
  BRAIN_NOT_HERE: conflict(
    'This run came in an archive without its brain. Duplicate the run to train it again.',
    'A completed run was imported from an archive that had its record alone, or a brain that could not be verified.',
  ),
  BRAIN_MISSING: conflict(
    'Run {run} cannot be completed without its brain. Upload the checkpoint to /runner/jobs/{run}/artifact first.',
    'A runner says that a run is completed, and has not uploaded a checkpoint that could be verified.',
  ),
  STUDIO_LIMIT_REACHED: conflict(
    '{what} would be more than the limit of {limit}. Delete something first.',
    'The number of projects, members or versions, or the bytes of a project, are limited.',
  ),
  LAST_OWNER: conflict(
    'This is the only owner of the project. Make another member an owner first, or delete the project.',
    'A project without an owner could be deleted by nobody.',
  ),
  ALREADY_MEMBER: conflict(
    'This account is a member of the project. Change its role instead.',
    'An account is added to a project that it is a member of.',
  ),
  PRIOR_NOT_RUN: invalidData(
    'The prior "{slug}" has no code, and the catalogue has none of its name. Give it a module, such as prior.ts.',
    'A prior of a project that has no code is sampled.',
  ),
  WHEELS_NOT_SUPPORTED: invalidData(
    'This server runs no Python, so that it has no use for wheels. Write priors in TypeScript or JavaScript, without packages.',
    'A Python package is uploaded for a prior. Nothing of it is kept.',
  ),
  ARCHIVE_INVALID: invalidData(
    'The archive cannot be imported: {reason}',
    'The file is not a tar.gz of a project, is damaged, larger than the limits, or holds what does not belong in one: links, ' +
      'paths that lead out of it, a name twice, YAML with aliases.',
  ),
} as const satisfies Record<string, ErrorEntry>
