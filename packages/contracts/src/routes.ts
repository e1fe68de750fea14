/** Paths of the API, for the server that answers them and the programs that call them. */
export const ROUTES = {
  root: { method: 'GET', path: '/' },
  live: { method: 'GET', path: '/health/live' },
  ready: { method: 'GET', path: '/health/ready' },
  metrics: { method: 'GET', path: '/metrics' },
  errors: { method: 'GET', path: '/errors' },
  protected: { method: 'GET', path: '/protected' },
  greetingMessages: { method: 'GET', path: '/retrieve_greeting_messages' },
  apiUsage: { method: 'POST', path: '/get_api_usage' },
  dataSummary: { method: 'GET', path: '/get_data_summary' },
  downloadAllData: { method: 'GET', path: '/download_all_data' },
  deleteDataset: { method: 'DELETE', path: '/delete_dataset' },
  deleteAllDatasets: { method: 'DELETE', path: '/delete_all_datasets' },
  deleteUserAccount: { method: 'DELETE', path: '/delete_user_account' },
  getSettings: { method: 'GET', path: '/tabpfn/get_settings' },
  getModelLimits: { method: 'GET', path: '/tabpfn/get_model_limits' },
  prepareTrainSetUpload: { method: 'POST', path: '/tabpfn/prepare_train_set_upload' },
  prepareTestSetUpload: { method: 'POST', path: '/tabpfn/prepare_test_set_upload' },
  putUploadPart: { method: 'PUT', path: '/uploads/:uploadId/:file/:part' },
  fit: { method: 'POST', path: '/tabpfn/fit' },
  submitFitJob: { method: 'POST', path: '/tabpfn/submit_fit_job' },
  getFitStatus: { method: 'POST', path: '/tabpfn/get_fit_status' },
  fitStatus: { method: 'GET', path: '/tabpfn/fit/:fittedTrainSetId' },
  predict: { method: 'POST', path: '/tabpfn/predict' },
  estimateCost: { method: 'POST', path: '/tabpfn/estimate_cost' },
} as const

export type RouteName = keyof typeof ROUTES
