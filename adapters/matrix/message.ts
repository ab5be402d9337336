// A Matrix message without where it goes: what the rendering makes of a view, and what is sent or edited.

export type Message = {
  readonly body: string;
  /** The same for clients that show HTML; tags of the specification's list alone. */
  readonly html: string;
  /** Users whose phones it rings; nobody else's, whatever the text says. */
  readonly mentions: readonly string[];
  /** It rings nobody: `m.notice`, which push rules pass over also when somebody is mentioned. */
  readonly quiet: boolean;
  /** Sent as a file, with the text as its caption. */
  readonly file: { readonly name: string; readonly text: string } | null;
  /** What a reaction under it decides on. */
  readonly plan: PlanMark | null;
};

export type PlanMark = {
  readonly task: number;
  readonly revision: number;
  readonly hash: string;
  /** It can be decided: there is something to tap. */
  readonly open: boolean;
};

export type RenderOptions = {
  /** What one uploaded file may have. */
  readonly uploadBytesAtMost: number;
  readonly now: Date;
};
