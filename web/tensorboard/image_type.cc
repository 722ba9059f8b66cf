#include "web/tensorboard/image_type.h"

#include "web/routes/handlers.h"

namespace spirogram::web::tensorboard {

std::string_view ImageType(std::string_view bytes) {
  const std::string_view type = web::ImageType(bytes);
  return type.empty() || type == "image/webp" ? "application/octet-stream" : type;
}

}  // namespace spirogram::web::tensorboard
