/** Paths of the studio. Each is answered with `/api` in front as well. */
export const STUDIO_ROUTES = {
  predictWithModel: { method: 'POST', path: '/models/:model/predict' },
  listBlocks: { method: 'GET', path: '/blocks' },
  listApiTokens: { method: 'GET', path: '/api-tokens' },
  createApiToken: { method: 'POST', path: '/api-tokens' },
  revokeApiToken: { method: 'DELETE', path: '/api-tokens/:tokenId' },
  listProjects: { method: 'GET', path: '/projects' },
  createProject: { method: 'POST', path: '/projects' },
  getProject: { method: 'GET', path: '/projects/:projectId' },
  changeProject: { method: 'PATCH', path: '/projects/:projectId' },
  deleteProject: { method: 'DELETE', path: '/projects/:projectId' },
  exportProject: { method: 'GET', path: '/projects/:projectId/export' },
  importProject: { method: 'POST', path: '/project-imports' },
  listMembers: { method: 'GET', path: '/projects/:projectId/members' },
  addMember: { method: 'POST', path: '/projects/:projectId/members' },
  changeMember: { method: 'PATCH', path: '/projects/:projectId/members/:accountId' },
  removeMember: { method: 'DELETE', path: '/projects/:projectId/members/:accountId' },
  listPriors: { method: 'GET', path: '/projects/:projectId/priors' },
  createPrior: { method: 'POST', path: '/projects/:projectId/priors' },
  getPrior: { method: 'GET', path: '/projects/:projectId/priors/:priorId' },
  changePrior: { method: 'PATCH', path: '/projects/:projectId/priors/:priorId' },
  deletePrior: { method: 'DELETE', path: '/projects/:projectId/priors/:priorId' },
  forkPrior: { method: 'POST', path: '/projects/:projectId/priors/:priorId/fork' },
  samplePrior: { method: 'POST', path: '/priors/:priorId/sample' },
  addWheel: { method: 'POST', path: '/projects/:projectId/priors/:priorId/wheels' },
  listModels: { method: 'GET', path: '/projects/:projectId/models' },
  createModel: { method: 'POST', path: '/projects/:projectId/models' },
  getModel: { method: 'GET', path: '/projects/:projectId/models/:modelId' },
  changeModel: { method: 'PATCH', path: '/projects/:projectId/models/:modelId' },
  deleteModel: { method: 'DELETE', path: '/projects/:projectId/models/:modelId' },
  listEvals: { method: 'GET', path: '/projects/:projectId/evals' },
  createEval: { method: 'POST', path: '/projects/:projectId/evals' },
  getEval: { method: 'GET', path: '/projects/:projectId/evals/:evalId' },
  changeEval: { method: 'PATCH', path: '/projects/:projectId/evals/:evalId' },
  deleteEval: { method: 'DELETE', path: '/projects/:projectId/evals/:evalId' },
  listProjectDatasets: { method: 'GET', path: '/projects/:projectId/datasets' },
  createProjectDataset: { method: 'POST', path: '/projects/:projectId/datasets' },
  getProjectDataset: { method: 'GET', path: '/projects/:projectId/datasets/:datasetId' },
  downloadProjectDataset: { method: 'GET', path: '/projects/:projectId/datasets/:datasetId/file' },
  deleteProjectDataset: { method: 'DELETE', path: '/projects/:projectId/datasets/:datasetId' },
  listRuns: { method: 'GET', path: '/projects/:projectId/runs' },
  createRun: { method: 'POST', path: '/projects/:projectId/runs' },
  getRun: { method: 'GET', path: '/projects/:projectId/runs/:runId' },
  submitRun: { method: 'POST', path: '/projects/:projectId/runs/:runId/submit' },
  duplicateRun: { method: 'POST', path: '/projects/:projectId/runs/:runId/duplicate' },
  cancelRun: { method: 'POST', path: '/projects/:projectId/runs/:runId/cancel' },
  discoverWithRun: { method: 'POST', path: '/projects/:projectId/runs/:runId/discover' },
  predictWithRun: { method: 'POST', path: '/projects/:projectId/runs/:runId/predict' },
  listShares: { method: 'GET', path: '/projects/:projectId/runs/:runId/shares' },
  createShare: { method: 'POST', path: '/projects/:projectId/runs/:runId/shares' },
  revokeShare: { method: 'DELETE', path: '/projects/:projectId/runs/:runId/shares/:shareId' },
  getSharedBrain: { method: 'GET', path: '/shares/:token' },
  predictWithShare: { method: 'POST', path: '/shares/:token/predict' },
  listRunEvents: { method: 'GET', path: '/projects/:projectId/runs/:runId/events' },
  listCheckpoints: { method: 'GET', path: '/projects/:projectId/runs/:runId/checkpoints' },
  getCheckpoint: { method: 'GET', path: '/projects/:projectId/runs/:runId/checkpoints/:step' },
  deleteRun: { method: 'DELETE', path: '/projects/:projectId/runs/:runId' },
  listRunners: { method: 'GET', path: '/runners' },
  createRunner: { method: 'POST', path: '/runners' },
  revokeRunner: { method: 'DELETE', path: '/runners/:runnerId' },
  reportCapabilities: { method: 'POST', path: '/runner/capabilities' },
  nextJob: { method: 'GET', path: '/runner/jobs/next' },
  getJobBundle: { method: 'GET', path: '/runner/jobs/:runId/bundle' },
  beatJob: { method: 'POST', path: '/runner/jobs/:runId/heartbeat' },
  tellJobEvents: { method: 'POST', path: '/runner/jobs/:runId/events' },
  handBackJob: { method: 'POST', path: '/runner/jobs/:runId/release' },
  putJobArtifact: { method: 'POST', path: '/runner/jobs/:runId/artifact' },
  endJob: { method: 'POST', path: '/runner/jobs/:runId/result' },
} as const

const AREAS: ReadonlySet<string | undefined> = new Set(
  Object.values(STUDIO_ROUTES).map(({ path }) => path.split('/')[1]),
)

/** Whether a URL, with `/api` in front or not, belongs to the studio, whose errors have a field more. */
export function isStudioUrl(url: string): boolean {
  const [, first, second] = url.split(/[/?#]/)
  return AREAS.has(first === 'api' ? second : first)
}

/** A text with paths in it, less the tokens of share links: they are all that a caller has to show. */
export function withoutShareToken(text: string): string {
  return text.replace(/(^|\s|:\/\/[^/\s]+)(\/+(?:api\/+)?shares\/+)[^\s?#]+/gi, '$1$2[token]')
}
