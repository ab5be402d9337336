// Time and ids from outside, so that core has none of its own.

export type Clock = { readonly now: () => Date };
export type NewId = () => string;
