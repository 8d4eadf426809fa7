/** Endpoints of webhooks over records: what an operator said of each, how far it has come, and its dead letters. */
import type { Bytes } from "../primitives/bytes.ts";
import { type Decoder, Encoder } from "../primitives/encoding.ts";
import { readUuid, writeUuid } from "../primitives/ids.ts";
import { LIMITS } from "../primitives/limits.ts";
import { height } from "../primitives/numbers.ts";
import type {
  DeadLetter,
  OperationLocation,
  StoredWebhook,
  WebhookProgress,
  WebhookRecords,
} from "./contracts.ts";
import { deadLetterKey, deadLettersOf, webhookKey, webhookProgressKey, wholeKind } from "./keys.ts";
import { del, put, type Records, readRecord } from "./records.ts";
import { StorageCorruption } from "./storage-errors.ts";

const WEBHOOKS = wholeKind(webhookKey("x"));
const PROGRESSES = wholeKind(webhookProgressKey("x"));

export class WebhookRecordList implements WebhookRecords {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async load(): ReturnType<WebhookRecords["load"]> {
    const webhooks: (StoredWebhook & { readonly progress: WebhookProgress })[] = [];
    for await (const { key, value } of this.#records.range(WEBHOOKS)) {
      const name = Buffer.from(key.slice(1)).toString("latin1");
      const webhook = readRecord(key, value, decodeWebhook);
      const progress = await this.loadProgress(name);
      // Written together with the endpoint.
      if (progress === undefined) {
        throw new StorageCorruption(`the place of webhook endpoint ${name}`, "it is missing");
      }
      webhooks.push({ name, ...webhook, progress });
    }
    return webhooks;
  }

  async loadProgress(name: string): Promise<WebhookProgress | undefined> {
    const key = webhookProgressKey(name);
    const value = this.#records.load(key);
    return value && readRecord(key, value, decodeProgress);
  }

  async lowestProgress(): ReturnType<WebhookRecords["lowestProgress"]> {
    let lowest: { readonly name: string; readonly place: OperationLocation } | undefined;
    for await (const { key, value } of this.#records.range(PROGRESSES)) {
      const { place } = readRecord(key, value, decodeProgress);
      if (lowest !== undefined && place.height >= lowest.place.height) continue;
      lowest = { name: Buffer.from(key.slice(1)).toString("latin1"), place };
    }
    return lowest;
  }

  async add(webhook: StoredWebhook, progress: WebhookProgress): Promise<void> {
    const { name } = webhook;
    await this.#records.write([
      put(webhookKey(name), encodeWebhook(webhook)),
      put(webhookProgressKey(name), encodeProgress(progress)),
    ]);
  }

  async remove(name: string): Promise<void> {
    const letters = await this.deadLetters(name);
    await this.#records.write([
      del(webhookKey(name)),
      del(webhookProgressKey(name)),
      ...letters.map(({ end }) => del(deadLetterKey(name, end))),
    ]);
  }

  async saveProgress(name: string, progress: WebhookProgress): Promise<void> {
    await this.#records.write([put(webhookProgressKey(name), encodeProgress(progress))]);
  }

  async bury(name: string, letter: DeadLetter): Promise<void> {
    await this.#records.write([
      put(deadLetterKey(name, letter.end), encodeLetter(letter)),
      put(webhookProgressKey(name), encodeProgress({ place: letter.end })),
    ]);
  }

  async forgetLetter(name: string, { end }: DeadLetter): Promise<void> {
    await this.#records.write([del(deadLetterKey(name, end))]);
  }

  async deadLetters(name: string): Promise<readonly DeadLetter[]> {
    const letters: DeadLetter[] = [];
    for await (const { key, value } of this.#records.range(deadLettersOf(name))) {
      letters.push(readRecord(key, value, decodeLetter));
    }
    return letters;
  }
}

function encodeWebhook({ url, walletId, authority, isPrivate, createdAt }: StoredWebhook): Bytes {
  const text = (value: string, encoder: Encoder) => encoder.string(value);
  return new Encoder()
    .string(url)
    .optional(walletId, (id, encoder) => writeUuid(encoder, id))
    .optional(authority, text)
    .boolean(isPrivate)
    .u64(createdAt)
    .finish();
}

function decodeWebhook(decoder: Decoder): Omit<StoredWebhook, "name"> {
  return {
    url: decoder.string(LIMITS.webhooks.urlLengthMax),
    walletId: decoder.optional(readUuid),
    authority: decoder.optional((inner) => inner.string(LIMITS.webhooks.authorityBytesMax)),
    isPrivate: decoder.boolean(),
    createdAt: decoder.safeU64(),
  };
}

function encodeProgress({ place, failingSince }: WebhookProgress): Bytes {
  return writePlace(new Encoder(), place)
    .optional(failingSince, (at, encoder) => encoder.u64(at))
    .finish();
}

function decodeProgress(decoder: Decoder): WebhookProgress {
  const place = readPlace(decoder);
  return { place, failingSince: decoder.optional((inner) => inner.safeU64()) };
}

function encodeLetter({ behind, end, at, problem }: DeadLetter): Bytes {
  return writePlace(writePlace(new Encoder(), behind), end).u64(at).string(problem).finish();
}

function decodeLetter(decoder: Decoder): DeadLetter {
  return {
    behind: readPlace(decoder),
    end: readPlace(decoder),
    at: decoder.safeU64(),
    problem: decoder.string(LIMITS.webhooks.problemBytesMax),
  };
}

function writePlace(encoder: Encoder, place: OperationLocation): Encoder {
  return encoder.u64(place.height).u32(place.index);
}

function readPlace(decoder: Decoder): OperationLocation {
  return { height: height(decoder.safeU64()), index: decoder.u32() };
}
