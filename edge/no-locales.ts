// Stands for the validator's own translations in the bundle (wrangler.toml): no screen shows them.
export {};
