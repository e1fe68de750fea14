import {
  duplicateTestSetSchema,
  prepareTestSetUploadRequestSchema,
  prepareTestSetUploadResponseSchema,
  ROUTES,
} from '@posterior/contracts'
import { type Api, errorBody, errorResponses } from '../../api.ts'
import type { AppDeps } from '../../deps.ts'
import { callerOf } from '../../plugins/auth.ts'
import { uploadInfo } from '../../present/upload-info.ts'

/** `POST /tabpfn/prepare_test_set_upload`: a URL for the rows to predict, or 409 when they are already there. */
export function prepareTestSetRoute(app: Api, { services, publicUrl }: AppDeps): void {
  const schema = {
    tags: ['uploads'],
    summary: 'Prepare the upload of rows to predict',
    description:
      'Answers signed URLs for one file with the columns of the training set. With a hash, rows that are already there ' +
      'for this fit are a 409 that carries their id.',
    body: prepareTestSetUploadRequestSchema,
    response: {
      200: prepareTestSetUploadResponseSchema,
      409: errorBody(duplicateTestSetSchema, 'DUPLICATE_TEST_SET_UPLOAD'),
      ...errorResponses('UNAUTHORIZED', 'NOT_FOUND', 'REQUEST_VALIDATION_ERROR'),
    },
  }
  app.post(ROUTES.prepareTestSetUpload.path, { schema, config: { meter: 'upload' } }, async (request) => {
    const upload = await services.preparation.test(callerOf(request).id, request.body, {
      startsOver: true,
    })
    return {
      test_set_upload_id: upload.id,
      x_test_info: uploadInfo(request, upload, { role: 'x', publicUrl }),
    }
  })
}
