// What simple-peer names its errors with. Defined, not assigned: a DOMException has a `code` that cannot be set.
module.exports = (error, code) => Object.defineProperty(error, 'code', { value: code, configurable: true });
