// Stands in for Node's `util`, of which readable-stream asks only whether it is there.
export default {};
