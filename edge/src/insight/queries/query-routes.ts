import { Hono } from 'hono';
import { openApi } from '../openapi/document.js';
import { problemOf } from '../readers/problem.js';
import { type ReaderEnv, readerOf } from '../readers/reader.js';
import { asksOf, narrowedTo, type QuestionComponents } from './question.js';
import { QUESTIONS } from './questions.js';

/** Read-only JSON, as `openapi.json` says it. */
export function queryRoutes(components: QuestionComponents): Hono<ReaderEnv> {
  const routes = new Hono<ReaderEnv>();
  const description = openApi(QUESTIONS);
  routes.use(async (context, next) => {
    context.header('Cache-Control', 'no-store');
    await next();
  });
  routes.get('/openapi.json', (context) => context.json(description));
  for (const question of QUESTIONS) {
    routes.get(`/${question.path}`, async (context) => {
      const asked = narrowedTo(readerOf(context).scope, question, asksOf(context));
      const given = await question.answer(components, asked);
      return 'json' in given ? context.json(given.json) : context.body(given.body, 200, given.fields);
    });
  }
  routes.all('*', (context) =>
    context.json(
      { error: 'no-such-question', message: 'There is nothing here: /api/openapi.json says what there is.' },
      404,
    ),
  );
  routes.onError((error, context) => problemOf(context, error));
  return routes;
}
