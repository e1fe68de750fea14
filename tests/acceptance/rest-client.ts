/** A plain HTTP program as the TabPFN REST quickstart prescribes: base URL and token are all that it knows of us. */

export interface Answer {
  status: number
  // biome-ignore lint/suspicious/noExplicitAny: a black box's JSON is checked by the tests, not by types
  body: any
}

export class RestClient {
  readonly #base: string
  readonly #token: string

  constructor(base: string, token: string) {
    this.#base = base
    this.#token = token
  }

  async get(path: string): Promise<Answer> {
    return this.#read(await fetch(`${this.#base}${path}`, { headers: this.#headers() }))
  }

  async post(path: string, body: unknown): Promise<Answer> {
    const headers = { ...this.#headers(), 'Content-Type': 'application/json' }
    return this.#read(
      await fetch(`${this.#base}/tabpfn/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
    )
  }

  /** Send a file to its signed URL, with the headers that came with it and no token. */
  async put(
    upload: { signed_urls: string[]; required_headers: Record<string, string> },
    content: string | Uint8Array,
  ) {
    const body = typeof content === 'string' ? content : new Uint8Array(content)
    return this.#read(
      await fetch(upload.signed_urls[0]!, { method: 'PUT', headers: upload.required_headers, body }),
    )
  }

  /** Prepare, upload and fit; the answer of fit. */
  async fit(task: string, x: string, y: string, config?: object): Promise<Answer> {
    const { body } = await this.post('prepare_train_set_upload', {
      x_train_info: { format: 'csv' },
      y_train_info: { format: 'csv' },
    })
    await this.put(body.x_train_info, x)
    await this.put(body.y_train_info, y)
    return this.post('fit', {
      train_set_upload_id: body.train_set_upload_id,
      task,
      ...(config ? { tabpfn_config: config } : {}),
    })
  }

  /** Prepare, upload and predict; the answer of predict. */
  async predict(fittedId: string, task: string, x: string, params: object): Promise<Answer> {
    const prepared = await this.post('prepare_test_set_upload', {
      fitted_train_set_id: fittedId,
      x_test_info: { format: 'csv' },
    })
    if (prepared.status !== 200) return prepared
    await this.put(prepared.body.x_test_info, x)
    return this.post('predict', {
      fitted_train_set_id: fittedId,
      test_set_upload_id: prepared.body.test_set_upload_id,
      task_config: { task, predict_params: params },
    })
  }

  #headers(): Record<string, string> {
    return { Authorization: `Bearer ${this.#token}` }
  }

  async #read(response: Response): Promise<Answer> {
    const text = await response.text()
    return { status: response.status, body: text.trim() === '' ? undefined : JSON.parse(text) }
  }
}
