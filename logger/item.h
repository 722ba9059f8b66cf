// What travels from the caller's thread to the writer's: one Item per call. A scalar, the hot case,
// needs no allocation: its tag goes into the batch's shared bytes and its value into the Item
// itself. Everything else owns a Payload.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/types.h"
#include "logger/histogram.h"
#include "logger/logger.h"

namespace spirogram::logger {

struct HistogramItem {
  std::vector<float> values;  // to be bucketed by the writer
};

struct TextItem {
  std::string text;
};

struct ImageItem {
  std::vector<uint8_t> pixels;  // height x width x channels
  int width = 0;
  int height = 0;
  int channels = 0;
};

struct EmbeddingItem {
  std::vector<float> values;  // N x D
  int64_t rows = 0;
  int64_t dims = 0;
  std::unique_ptr<EmbeddingMetadata> metadata;  // set with the first checkpoint of a tag
};

struct HparamsItem {
  std::vector<std::pair<std::string, HparamValue>> hparams;
};

struct ProfileItem {
  std::vector<ProfileSlice> slices;
};

struct ProfileNoteItem {
  std::string line;
};

struct EndItem {
  EndStatus status = EndStatus::kSuccess;
};

using Payload = std::variant<BucketedValues, HistogramItem, TextItem, ImageItem, EmbeddingItem,
                             EntityStats, HparamsItem, ProfileItem, ProfileNoteItem, EndItem>;

struct Item {
  Step step = 0;
  WallTime wall_time = 0;
  double value = 0;                  // of a scalar
  std::unique_ptr<Payload> payload;  // null for a scalar
  size_t tag_begin = 0;              // in ItemBatch::tag_chars
  size_t tag_length = 0;
};

struct ItemBatch {
  std::vector<Item> items;
  std::string tag_chars;
  size_t bytes = 0;  // of tags and payloads

  std::string_view TagOf(const Item& item) const {
    return std::string_view(tag_chars).substr(item.tag_begin, item.tag_length);
  }
  // Keeps the capacity: two batches change places for the life of a logger.
  void Clear() {
    items.clear();
    tag_chars.clear();
    bytes = 0;
  }
};

}  // namespace spirogram::logger
