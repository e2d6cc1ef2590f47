"""The hand-over of an App Key, rehearsed on the developer's machine: ManyChat's part, and the endpoint's."""
