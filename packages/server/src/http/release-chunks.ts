/**
 * Chunks whose memory is given back as soon as the next one is asked for. Node gives each chunk of a body memory of its
 * own and frees it at a garbage collection, which large uploads, that make next to no other garbage, bring about only
 * every 64 MB or so; freed at once, an upload of any size gets by with a few chunks.
 *
 * Keep no chunk beyond its turn: it is empty afterwards.
 */
export async function* releaseChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk
    const { buffer } = chunk
    // A chunk that is part of a larger buffer shares it with others.
    if (buffer instanceof ArrayBuffer && buffer.byteLength === chunk.byteLength) buffer.transfer(0)
  }
}
