// Embeddings that a projector_config.pbtxt names, as the store answers them. They are read into the
// store, and show among the run's embeddings (ReadEmbeddings and the like) as well.
#pragma once

#include <cstdint>
#include <string>

#include "base/types.h"

namespace spirogram::store {

struct ProjectorTensor {
  std::string tensor_name;  // as the config spells it
  std::string tag;          // the embedding that it shows as
  Step step = 0;
  WallTime wall_time = 0;  // when its file was last changed
  int64_t rows = 0;
  int64_t dims = 0;
  // As the config spells them; empty where it names none.
  std::string tensor_path;
  std::string metadata_path;
  std::string bookmarks_path;
  std::string sprite_path;
  int64_t sprite_width = 0;  // of one thumbnail, in pixels
  int64_t sprite_height = 0;
  // Bytes of what was read; 0 where it was not named or could not be read (a warning says why).
  uint64_t metadata_bytes = 0;
  uint64_t bookmarks_bytes = 0;
  uint64_t sprite_bytes = 0;
};

enum class ProjectorAsset { kMetadata, kBookmarks, kSprite };

}  // namespace spirogram::store
