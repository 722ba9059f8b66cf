// Meshes and point clouds as the store answers them.
//
// TensorBoard logs a mesh NAME as up to three tags: NAME_VERTEX, NAME_FACE and NAME_COLOR. Here
// they are joined again: a mesh is asked for by its name, or by any of its tags.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/types.h"

namespace spirogram::store {

// One sample of one step.
struct MeshInfo {
  Step step = 0;
  WallTime wall_time = 0;  // of the newest part
  int index = 0;           // sample, among those of the step
  int64_t vertices = 0;    // 0 where that part was not logged
  int64_t faces = 0;
  int64_t colours = 0;
  // Each part is a value of its own.
  WallTime vertices_time = 0;
  WallTime faces_time = 0;
  WallTime colours_time = 0;
};

// What is known of a mesh, without its data.
struct MeshSeries {
  std::string name;
  std::string display_name;
  std::string description;
  std::string json_config;        // camera, lights and material, as logged; text from data
  std::vector<MeshInfo> samples;  // by step, then by index
};

struct Mesh {
  MeshInfo info;
  std::vector<float> vertices;   // 3 a vertex: x, y, z
  std::vector<int32_t> faces;    // 3 a triangle: indices of vertices, as logged, so unchecked
  std::vector<uint8_t> colours;  // 3 a vertex: red, green, blue
};

}  // namespace spirogram::store
