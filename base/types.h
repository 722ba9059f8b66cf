// The nouns every module shares.
#pragma once

#include <cstdint>

namespace spirogram {

// The training step that a value belongs to: what the training program says it is. Not required to
// grow: a resumed run may go back, and store/ says what happens then (docs/formats.md).
using Step = int64_t;

// Seconds since the Unix epoch. May be NaN in a hostile event file; store/ replaces such values
// where it parses, so past that edge it is finite.
using WallTime = double;

}  // namespace spirogram
