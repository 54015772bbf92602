"""The domain: jobs, calls, images, credits, people and providers. No pages, no task runner."""
