#include "trainer/mnist.h"

#include <filesystem>

#include "base/str.h"
#include "trainer/idx.h"

namespace spirogram::trainer {
namespace {

Result<IdxArray> ReadEither(const std::string& folder, const std::string& name) {
  const std::string path = StrCat(folder, "/", name);
  std::error_code ignored;
  return ReadIdx(std::filesystem::exists(path, ignored) ? path : path + ".gz");
}

// "60000 x 28 x 28"
std::string ShapeText(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t size : shape) text += StrCat(text.empty() ? "" : " x ", size);
  return text;
}

Result<Digits> ReadDigits(const std::string& folder, const std::string& prefix) {
  const std::string images_name = prefix + "-images-idx3-ubyte";
  const std::string labels_name = prefix + "-labels-idx1-ubyte";
  ASSIGN_OR_RETURN(const IdxArray images, ReadEither(folder, images_name));
  ASSIGN_OR_RETURN(const IdxArray labels, ReadEither(folder, labels_name));
  if (images.shape.size() != 3 || images.shape[1] != 28 || images.shape[2] != 28) {
    return Corruption(StrCat(folder, "/", images_name, ": want images of 28 x 28, got the shape ",
                             ShapeText(images.shape)));
  }
  if (images.shape[0] == 0) return Corruption(StrCat(folder, "/", images_name, ": has no images"));
  if (labels.shape.size() != 1 || labels.shape[0] != images.shape[0]) {
    return Corruption(StrCat(folder, ": got ", labels.values.size(), " labels in ", labels_name,
                             ", want one for each of the ", images.shape[0], " images in ",
                             images_name));
  }
  Digits digits;
  digits.pixels.reserve(images.values.size());
  for (const uint8_t pixel : images.values) {
    digits.pixels.push_back(static_cast<float>(pixel) / 255.0f);
  }
  digits.labels.reserve(labels.values.size());
  for (const uint8_t label : labels.values) {
    if (label >= kMnistClasses) {
      return Corruption(
          StrCat(folder, "/", labels_name, ": got label ", int{label}, ", want 0 to 9"));
    }
    digits.labels.push_back(label);
  }
  return digits;
}

}  // namespace

Result<Mnist> ReadMnist(const std::string& folder) {
  Mnist mnist;
  ASSIGN_OR_RETURN(mnist.train, ReadDigits(folder, "train"));
  ASSIGN_OR_RETURN(mnist.test, ReadDigits(folder, "t10k"));
  return mnist;
}

}  // namespace spirogram::trainer
