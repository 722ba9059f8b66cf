#include "web/tensorboard/image_type.h"

#include "web/routes/handlers.h"

namespace spirogram::web::tensorboard {

std::string_view ImageType(std::string_view bytes) {
  if (const std::string_view type = web::ImageType(bytes); !type.empty()) return type;
  if (bytes.starts_with("BM")) return "image/bmp";
  return "application/octet-stream";
}

}  // namespace spirogram::web::tensorboard
