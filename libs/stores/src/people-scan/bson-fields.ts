/** Types of fields that are read without decoding: texts, numbers and whole parts. */
const DOUBLE = 0x01;
const TEXT = 0x02;
const DOCUMENT = 0x03;
const ARRAY = 0x04;
const INT32 = 0x10;
const INT64 = 0x12;

/**
 * Goes through the fields of a BSON document. For long reads of documents whose few fields are known: the driver's decoding
 * takes several times as long, being made for any document.
 */
export class BsonFields {
  private at: number;
  private type = 0;
  private value = 0;
  /** Of the present field. */
  name = '';

  /** @param start where the document begins in the bytes. */
  constructor(
    private readonly bytes: Buffer,
    start = 0,
  ) {
    this.at = start + 4;
  }

  /** Goes to the next field. @returns false at the end. @throws TypeError for a type that such documents do not have. */
  next(): boolean {
    const { bytes } = this;
    this.type = bytes[this.at] ?? 0;
    if (this.type === 0) return false;
    const from = this.at + 1;
    let end = from;
    while (bytes[end] !== 0) end += 1;
    this.name = bytes.toString('latin1', from, end);
    this.value = end + 1;
    this.at = this.value + this.size();
    return true;
  }

  /** The present field, a text. */
  text(): string {
    this.expect(TEXT);
    return this.bytes.toString('utf8', this.value + 4, this.at - 1);
  }

  /** The present field, a number. */
  number(): number {
    switch (this.type) {
      case DOUBLE:
        return this.bytes.readDoubleLE(this.value);
      case INT32:
        return this.bytes.readInt32LE(this.value);
      default:
        this.expect(INT64);
        return Number(this.bytes.readBigInt64LE(this.value));
    }
  }

  /** The fields of the present field, a document or an array. */
  below(): BsonFields {
    if (this.type !== ARRAY) this.expect(DOCUMENT);
    return new BsonFields(this.bytes, this.value);
  }

  private size(): number {
    switch (this.type) {
      case DOUBLE:
      case INT64:
        return 8;
      case INT32:
        return 4;
      case TEXT:
        return 4 + this.bytes.readInt32LE(this.value);
      case DOCUMENT:
      case ARRAY:
        return this.bytes.readInt32LE(this.value);
      default:
        throw new TypeError(`a field of type ${this.type} is none that is read without decoding`);
    }
  }

  private expect(type: number): void {
    if (this.type !== type) throw new TypeError(`the field ${this.name} is of type ${this.type}, not ${type}`);
  }
}
