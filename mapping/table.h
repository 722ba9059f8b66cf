// What is to be mapped: rows of numbers, and texts beside them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "projector/projector.h"
#include "store/answers.h"

namespace spirogram::mapping {

struct Table {
  std::string name;                   // of the file or embedding, for people to read
  std::string format;                 // "npy", "raw", "csv", "tsv", "projector config", "run"
  int64_t points = 0;                 // N
  int64_t dims = 0;                   // D
  std::vector<int64_t> left_out;      // rows of the N that are not finite, ascending
  std::vector<float> values;          // row-major (N - left_out) x D, finite
  store::EmbeddingMetadata metadata;  // each column has N texts
  std::vector<std::string> notes;     // what a user should know of how it was read

  // The rows that have a place on a map.
  projector::MatrixView matrix() const {
    return {values, points - static_cast<int64_t>(left_out.size()), dims};
  }
};

}  // namespace spirogram::mapping
