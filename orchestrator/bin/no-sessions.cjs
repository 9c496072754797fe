// Stands in for what dockerode needs only for BuildKit sessions (see vlab.js).
module.exports = {};
