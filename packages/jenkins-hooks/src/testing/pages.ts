/** As a controller answers: JSON to its interface, a page to everything else, and its version with both. */
export const version = '2.555.1';

/** Every page has the crumb's header in its head, whatever the page is about. */
function page(title: string, body: string): string {
  return (
    `<!DOCTYPE html><html class=""><head resURL="/jenkins/static/9c3d2f1e" data-rooturl="/jenkins" data-resurl="/jenkins/static/9c3d2f1e" ` +
    `data-extensions-available="true" data-unit-test="false" data-imagesurl="/jenkins/static/9c3d2f1e/images" ` +
    `data-crumb-header="Jenkins-Crumb" data-crumb-value="" data-version="${version}" data-version-url="/jenkins/">\n` +
    `    <title>${title}</title></head><body data-model-type="hudson.model.Hudson" id="jenkins" class="yui-skin-sam two-column jenkins-${version}">` +
    `${body}</body></html>`
  );
}

export const notFound = page('Not Found [Jenkins]', '<h1>Oops!</h1><p>Not Found</p>');
export const gettingReady = page('Starting Jenkins', '<h1>Please wait while Jenkins is getting ready to work</h1>');

/** Jetty's own page: the request does not reach Jenkins' pages. */
function jetty(status: number, message: string): string {
  return (
    `<html><head><meta http-equiv="Content-Type" content="text/html;charset=ISO-8859-1"/><title>Error ${status} ${message}</title></head>` +
    `<body><h2>HTTP ERROR ${status} ${message}</h2><table><tr><th>MESSAGE:</th><td>${message}</td></tr></table></body></html>`
  );
}

export const wrongCredentials = jetty(401, 'Invalid password/token for user: katavm');
export const noCrumb = jetty(403, 'No valid crumb was included in the request');

/** Its words are the user's language's; its header is not. */
export function forbidden(user: string, name: string): string {
  return page('Access Denied [Jenkins]', `<h1>Access Denied</h1><p class="error">${user} is missing the ${name} permission</p>`);
}
