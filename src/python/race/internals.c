#define Py_BUILD_CORE_MODULE 1

#include "python/race/internals.h"

#include "internal/pycore_dict.h"
#include "internal/pycore_frame.h"

void* atonce_current_frame(void) { return PyThreadState_GetUnchecked()->current_frame; }

PyObject* atonce_frame_cell(int index) {
  _PyInterpreterFrame* frame = PyThreadState_GetUnchecked()->current_frame;
  if (frame == NULL) return NULL;
#if PY_VERSION_HEX >= 0x030E0000
  PyObject* cell = PyStackRef_AsPyObjectBorrow(frame->localsplus[index]);
#else
  PyObject* cell = frame->localsplus[index];
#endif
  return cell != NULL && PyCell_Check(cell) ? cell : NULL;
}

PyObject* atonce_dict_of_view(PyObject* view) {
  return (PyObject*)((_PyDictViewObject*)view)->dv_dict;
}
