/** What is used here of autocannon, which ships no types. */
declare module 'autocannon' {
  interface CannonRequest {
    method?: string
    path?: string
    headers?: Record<string, string>
    body?: string
    /** Called before each sending; `context` belongs to one client and one round through the requests. */
    setupRequest?: (request: CannonRequest, context: Record<string, unknown>) => CannonRequest
    onResponse?: (status: number, body: string, context: Record<string, unknown>) => void
  }
  interface CannonOptions {
    url: string
    connections: number
    /** Seconds. */
    duration: number
    /** Seconds. */
    timeout?: number
    requests: CannonRequest[]
  }
  interface CannonResult {
    errors: number
    timeouts: number
    non2xx: number
    /** Seconds. */
    duration: number
  }
  export default function autocannon(options: CannonOptions): Promise<CannonResult>
}
