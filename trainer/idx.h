// IDX, the format of the MNIST files (http://yann.lecun.com/exdb/mnist), gzip-compressed or not.
//
//   byte    0, 0
//   byte    type of the elements: 8 is unsigned byte, the only one that is read
//   byte    D, number of dimensions
//   uint32  size of each dimension, big-endian, D times
//   byte    elements, the last dimension changing fastest
//
// Discarded: a stream that decompresses while it trains; the largest file is 47 MB when unpacked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace spirogram::trainer {

struct IdxArray {
  std::vector<int64_t> shape;
  std::vector<uint8_t> values;
};

// `name` stands in the messages. kCorruption where the bytes are not what the format promises.
Result<IdxArray> ParseIdx(std::string_view bytes, const std::string& name);

// Reads PATH and unpacks it where it is gzip. Files that unpack to more than 1 GiB are refused.
Result<IdxArray> ReadIdx(const std::string& path);

}  // namespace spirogram::trainer
