// A block of a series as it goes into the database: encoded, with what charts read without decoding
// it. Stateless, so that any thread can make them.
#pragma once

#include <string>

#include "store/block_codec.h"
#include "store/pyramid.h"

namespace spirogram::store {

struct SealedBlock {
  Summary summary;
  std::string pyramid;  // EncodePyramid
  std::string data;     // EncodeBlock
};

// REQUIRES: from + count <= points.size(), 0 < count <= kBlockPoints.
inline SealedBlock SealBlock(const ScalarPoints& points, size_t from, size_t count) {
  return {Summarize(points, from, count), EncodePyramid(points, from, count),
          EncodeBlock(points, from, count)};
}

}  // namespace spirogram::store
