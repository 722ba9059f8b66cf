// What makes sense of a call, and what its values take in memory. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "logger/logger.h"

namespace spirogram::logger {

size_t StringBytes(const std::vector<std::string>& texts);
size_t MetadataBytes(const EmbeddingMetadata& metadata);

// kInvalidArgument with what was given and what is wanted. `metadata` may be null.
Status CheckEmbedding(std::span<const float> values, int64_t rows, int64_t dims,
                      const EmbeddingMetadata* metadata);
Status CheckImage(std::span<const uint8_t> pixels, int width, int height, int channels);
Status CheckStats(const EntityStats& stats);

}  // namespace spirogram::logger
