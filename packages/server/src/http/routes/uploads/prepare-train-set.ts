import {
  duplicateTrainSetSchema,
  prepareTrainSetUploadRequestSchema,
  prepareTrainSetUploadResponseSchema,
  ROUTES,
} from '@posterior/contracts'
import { type Api, errorBody, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { uploadInfo } from '../../present/upload-info.ts'

/** `POST /tabpfn/prepare_train_set_upload`: URLs for features and target, or 409 when they are already there. */
export function prepareTrainSetRoute(app: Api, { services, publicUrl }: AppDeps): void {
  const schema = {
    tags: ['uploads'],
    summary: 'Prepare the upload of a training set',
    description:
      'Answers signed URLs for the file of features and the file of the target. With hashes, a training set that is ' +
      'already there is a 409 that carries its id; `force_reupload` asks for URLs all the same.',
    body: prepareTrainSetUploadRequestSchema,
    response: {
      200: prepareTrainSetUploadResponseSchema,
      409: errorBody(duplicateTrainSetSchema, 'DUPLICATE_TRAIN_SET_UPLOAD'),
      ...errorResponses('UNAUTHORIZED', 'REQUEST_VALIDATION_ERROR'),
    },
  }
  app.post(ROUTES.prepareTrainSetUpload.path, { schema, config: { meter: 'upload' } }, async (request) => {
    const upload = await services.preparation.train(callerOf(request).id, request.body)
    return {
      train_set_upload_id: upload.id,
      x_train_info: uploadInfo(request, upload, { role: 'x', publicUrl }),
      y_train_info: uploadInfo(request, upload, { role: 'y', publicUrl }),
    }
  })
}
